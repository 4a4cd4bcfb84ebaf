import Foundation
import TestSupport
import Testing

extension CommandRun {
    /// Runs `ganrm`, which SwiftPM builds beside the test bundle, with a cache of the tests' own.
    static func ganrm(
        _ arguments: [String], input: Data? = nil, environment: [String: String] = [:]
    ) throws -> CommandRun {
        let home = try #require(Self.home)
        return try CommandRun(
            binary, arguments, input: input,
            environment: ["GANRM_HOME": home.path].merging(environment) { $1 })
    }

    /// Stands for the user's cache.
    private static let home = try? TemporaryFolder()

    static let binary: URL = {
        // The runner is <products>/ganrmPackageTests.xctest or a helper of the toolchain.
        let folders = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
            .flatMap { [$0.deletingLastPathComponent(), $0] }
        for folder in folders {
            let binary = folder.appendingPathComponent("ganrm")
            if FileManager.default.isExecutableFile(atPath: binary.path) { return binary }
        }
        fatalError("ganrm is not beside the tests: \(CommandLine.arguments)")
    }()
}
