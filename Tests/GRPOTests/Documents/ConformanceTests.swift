import Foundation
import GRPO
import Testing

/// The entries of Tests/Fixtures/objective, which scripts there made by running other systems' own code.
private func entries() throws -> [GoldenEntry] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fixtures/objective").standardized
    return try FileManager.default.contentsOfDirectory(
        at: directory, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.flatMap {
        try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: $0)).cases
    }
}

@Suite struct ConformanceTests {
    @Test("Every value of every reference comes out within 1e-9 in float64")
    func double() throws {
        for entry in try entries() {
            guard let result = try entry.result() else { continue }
            #expect(result.missing == [], "\(result.profile): \(result.name)")
            #expect(!result.double.isEmpty)
            for error in result.double {
                #expect(
                    error.relative <= 1e-9,
                    "\(result.profile): \(result.name), \(error.quantity) against \(result.source)")
            }
        }
    }

    @Test("float32 is within 1e-5 of float64; with the direct form of k3 within 1e-6 absolutely")
    func single() throws {
        for entry in try entries() {
            guard let result = try entry.result() else { continue }
            for error in result.single {
                #expect(
                    error.relative <= 1e-5 || result.isDirect && error.absolute <= 1e-6,
                    "\(result.profile): \(result.name), \(error.quantity)")
            }
        }
    }

    @Test("Every profile has reference values of loss and gradient")
    func coverage() throws {
        let results = try entries().compactMap { try $0.result() }
        for profile in Profile.all {
            let quantities = results.filter { $0.profile == profile.name }
                .flatMap { $0.double.map(\.quantity) }
            for quantity in ["advantages", "loss", "gradient"] {
                #expect(quantities.contains(quantity), "\(profile.name): \(quantity)")
            }
        }
    }
}
