public import Foundation
import Testing

extension CommandRun {
    /// Runs `ganrm`, which SwiftPM builds beside the test bundle, with a temporary `GANRM_HOME`.
    public static func ganrm(
        _ arguments: [String], input: Data? = nil, environment: [String: String] = [:]
    ) throws -> CommandRun {
        let home = try #require(Self.home)
        return try CommandRun(
            binary, arguments, input: input,
            environment: ["GANRM_HOME": home.path].merging(environment) { $1 })
    }

    /// Replaces the user's cache folder.
    private static let home = try? TemporaryFolder()

    public static let binary: URL = {
        // The test runner is <products>/ganrmPackageTests.xctest or a tool of the toolchain.
        let folders = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
            .flatMap { [$0.deletingLastPathComponent(), $0] }
        for folder in folders {
            let binary = folder.appendingPathComponent("ganrm")
            if FileManager.default.isExecutableFile(atPath: binary.path) { return binary }
        }
        fatalError("ganrm is not beside the tests: \(CommandLine.arguments)")
    }()
}
