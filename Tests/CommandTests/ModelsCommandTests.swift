import Foundation
import ModelCatalogue
import Testing
import TestSupport
import TextFormats

/// `ganrm models`.
@Suite struct ModelsCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var environment: [String: String] { ["GANRM_HOME": folder.path] }

    @Test func `the list has sizes and licences`() throws {
        let run = try CommandRun.ganrm(["models", "list"], environment: environment)
        #expect(run.status == 0)
        let fields = run.lines.map { $0.split(separator: #/ {2,}/#).map(String.init) }
        #expect(fields[0] == ["name", "cached", "download", "licence"])
        #expect(run.lines.allSatisfy { $0.count <= 80 })
        #expect(fields.dropFirst().map { $0[0] } == Catalogue.entries.map(\.name))
        #expect(fields[1][1...3] == ["-", "90 MB", "MIT"])
        let rounded = try #require(fields.first { $0[0] == "dinov2-base-patch14" })
        #expect(rounded[1...3] == ["-", "~346 MB", "Apache-2.0"])
    }

    @Test func `rows have the same facts, and no key without a value`() throws {
        let run = try CommandRun.ganrm(
            ["models", "list", "--format", "jsonl"], environment: environment)
        #expect(run.status == 0)
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(rows.map { $0["name"]?.stringValue } == Catalogue.entries.map(\.name))
        for row in rows {
            #expect(row.members?.contains { $0.value == .null } == false)
            #expect(row["cached"] == .bool(false) && row["path"] == nil && row["bytes"] == nil)
            #expect((row["download_bytes"]?.integerValue ?? 0) > 1000)
            #expect(row["licence"]?.stringValue?.isEmpty == false)
            #expect(row["url"]?.stringValue?.hasPrefix("https://") == true)
        }
        let clip = try #require(rows.first { $0["name"] == .string("clip-vit-base-patch32") })
        #expect(clip["download_bytes"] == .integer(605_247_071))
        #expect(clip["download_bytes_exact"] == .bool(true))
    }

    @Test(arguments: [
        (["--offline"], [:] as [String: String], "the network is not to be used"),
        (
            [] as [String], ["HF_ENDPOINT": "http://127.0.0.1:1"],
            "cannot reach 'http://127.0.0.1:1/openai/"
        ),
    ])
    func `a pull without network says what to fetch and how to import it`(
        options: [String], variables: [String: String], reason: String
    ) throws {
        let run = try CommandRun.ganrm(
            ["models", "pull", "clip-vit-base-patch32"] + options,
            environment: environment.merging(variables) { $1 })
        #expect(run.status == 3)
        #expect(run.messages.contains(reason), "\(run.messages)")
        #expect(
            run.messages.contains(
                "/openai/clip-vit-base-patch32/resolve/main/pytorch_model.bin on another machine"))
        #expect(
            run.messages.hasSuffix(
                "then run: ganrm models import clip-vit-base-patch32 pytorch_model.bin\n"))
    }
}
