import Foundation
import Testing
import cohort

@Suite("The catalogues of experiments and claims") struct CatalogueTests {
    @Test("No name means all studies, names are taken in the page's order")
    func names() throws {
        #expect(try StudyCatalogue.studies(named: []).count == StudyCatalogue.names.count)
        let chosen = try StudyCatalogue.studies(named: ["stale", "offset"])
        #expect(chosen.map { $0.name } == ["offset", "stale"])
        #expect(Set(StudyCatalogue.names).count == StudyCatalogue.names.count)
    }

    @Test("An unknown name is one sentence that lists the names there are")
    func unknown() {
        let failure = #expect(throws: CommandFailure.self) {
            try StudyCatalogue.studies(named: ["bias", "magic"])
        }
        #expect(failure?.exitCode == .usage)
        #expect(
            failure?.message.hasPrefix("there is no experiment “magic”; there are offset, bias") == true)
    }

    @Test("All twenty claims are there, and every section they name is a study or the runs")
    func claims() {
        let rows = ClaimCatalogue.rows
        #expect(rows.map(\.row) == (1...20).map { "S\($0)" })
        #expect(rows.allSatisfy { !$0.places.isEmpty })
        for case .section(let name) in rows.flatMap(\.places) {
            #expect(StudyCatalogue.names.contains(name) || name == RunsStudy.name)
        }
    }

    @Test("Every test that a claim names is in the suite")
    func tests() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("CatalogueTests.swift") }
        let sources = try files.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        for case .test(let sentence) in ClaimCatalogue.rows.flatMap(\.places) {
            #expect(sources.contains { $0.contains("\"\(sentence)\"") }, "\(sentence)")
        }
    }
}
