import ArgumentParser
import Foundation

/// `cohort doctor`: what this machine can do, and whether exactness holds on it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine can do, and whether bits agree on it.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = DoctorReport.measured()
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
    }
}
