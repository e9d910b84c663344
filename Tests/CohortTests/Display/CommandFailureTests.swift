import Foundation
import Testing

import cohort

@Test("Exit codes are those of sysexits")
func exitCodes() {
    let codes: [(ExitCode, Int32)] = [
        (.success, 0), (.usage, 64), (.badData, 65), (.noInput, 66), (.peerUnavailable, 69),
        (.internalError, 70), (.cannotCreate, 73), (.inputOutput, 74), (.tryAgain, 75),
        (.notPermitted, 77), (.configuration, 78), (.interrupted, 130), (.terminated, 143),
    ]
    for (code, number) in codes { #expect(code.rawValue == number) }
    #expect(codes.count == ExitCode.allCases.count)
}

@Test("A failure with several lines is reported with the program's name on each")
func report() {
    #expect(CommandFailure("a\nb", .usage).report == "cohort: a\ncohort: b\n")
}

@Test("A failed system call says whether room or permission was missing")
func systemCalls() {
    for code in [ENOSPC, EDQUOT] {
        let failure = CommandFailure(errno: code, "cannot write x", bytes: 5)
        #expect(failure.exitCode == .inputOutput && failure.bytesWithoutRoom == 5)
    }
    for code in [EACCES, EPERM, EROFS] {
        let failure = CommandFailure(errno: code, "cannot write x", bytes: 5)
        #expect(failure.exitCode == .notPermitted && failure.bytesWithoutRoom == nil)
    }
    let tooLarge = CommandFailure(errno: EFBIG, "cannot write x", bytes: 5)
    #expect(tooLarge.exitCode == .inputOutput && tooLarge.bytesWithoutRoom == nil)
}

@Test("A configuration's problems end with the exit code for configurations")
func configurationFailure() throws {
    let failure = #expect(throws: ConfigurationFailure.self) {
        try SettingAssignment(parsing: "nothing")
    }
    let command = CommandFailure(try #require(failure))
    #expect(command.exitCode == .configuration)
    #expect(command.message.contains("--set grpo.beta=0.04"))
}
