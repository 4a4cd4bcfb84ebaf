import Foundation
import Metrics
import Pipeline
import Preference
import Testing
import TestSupport
import TextFormats

@Suite struct PromptAssignmentTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["0001_0.png", "0001_1.png", "0002_0.png"] {
            _ = try folder.write("", to: "in/\(name)")
        }
    }

    private func found(_ assignment: PromptAssignment, _ request: Request) throws
        -> PromptAssignment.Found?
    {
        try? assignment.prompt(of: request).get()
    }

    @Test func `a request's own prompt comes first, then names`() throws {
        let list = try folder.write("a fox\na cat\n", to: "prompts.txt")
        let assignment = try PromptAssignment(
            CandidateGrouping(prompts: PromptList(path: list)), inputs: [folder.path("in")])
        let first = Request(input: folder.path("in/0001_1.png"))
        #expect(try found(assignment, first) == .init(prompt: "a fox", group: "0001"))
        var own = first
        own.extras = [.init("prompt", "a dog")]
        #expect(try found(assignment, own) == .init(prompt: "a dog"))
        let other = try folder.write("", to: "other/0002_7.png")
        // An input that was not among those that were named.
        #expect(try found(assignment, Request(input: other))?.prompt == "a cat")
        #expect(try found(assignment, Request(input: "0003_0.png")) == nil)
        #expect(try found(assignment, Request(input: "-")) == nil)
    }

    @Test func `numbers begin with 0 if a file has it`() throws {
        let list = try folder.write("a fox\na cat\na dog\n", to: "prompts.txt")
        _ = try folder.write("", to: "in/0000_0.png")
        let assignment = try PromptAssignment(
            CandidateGrouping(prompts: PromptList(path: list)), inputs: [folder.path("in")])
        #expect(
            try found(assignment, Request(input: folder.path("in/0002_0.png")))?.prompt == "a dog")
    }

    @Test func `too few prompts are an error before anything is encoded`() throws {
        let list = try folder.write("a fox\n", to: "prompts.txt")
        #expect(throws: PreferenceError.self) {
            try PromptAssignment(
                CandidateGrouping(prompts: PromptList(path: list)), inputs: [folder.path("in")])
        }
    }

    @Test func `one prompt may be that of all`() throws {
        let request = Request(input: "a.png")
        #expect(try found(PromptAssignment(common: "a fox"), request) == .init(prompt: "a fox"))
        #expect(try found(PromptAssignment(), request) == nil)
    }
}
