import Testing
import TestSupport

/// "Did you mean" for commands, options, values and names.
@Suite struct SuggestionTests {
    @Test(arguments: [
        (["socre", "clip.mp4"], "Error: 'socre' is no command of ganrm; did you mean 'score'?"),
        (["evaluate"], "Error: 'evaluate' is no command of ganrm; did you mean 'eval'?"),
        (["zzz"], "Error: 'zzz' is no command of ganrm"),
        (["models", "lits"], "Error: 'lits' is no command of ganrm models; did you mean 'list'?"),
    ])
    func `a misspelt command suggests a command`(words: [String], line: String) throws {
        let run = try CommandRun.ganrm(words)
        #expect(run.status == 2)
        #expect(run.messages.hasPrefix(line + "\nUsage: ganrm "), "\(run.messages)")
    }

    @Test func `help on a misspelt command suggests a command`() throws {
        let run = try CommandRun.ganrm(["help", "models", "pul"])
        #expect(run.status == 2 && run.output.isEmpty)
        #expect(
            run.messages.hasPrefix(
                "Error: 'pul' is no command of ganrm models; did you mean 'pull'?\n"))
        #expect(try CommandRun.ganrm(["help", "models", "pull"]).status == 0)
    }

    @Test(arguments: [
        (["train", "--proxi", "a", "--generated", "b", "-o", "c"], "--proxi", "--proxy"),
        (["--hepl"], "--hepl", "--help"),
        (["models", "list", "--verison"], "--verison", "--version"),
        (["score", "--formt", "csv", "a.mp4"], "--formt", "--format"),
    ])
    func `a misspelt option suggests an option`(
        words: [String], option: String, expected: String
    ) throws {
        let run = try CommandRun.ganrm(words)
        #expect(run.status == 2)
        #expect(
            run.messages.hasPrefix(
                "Error: Unknown option '\(option)'. Did you mean '\(expected)'?\n"),
            "\(run.messages)")
    }

    @Test(arguments: [
        ("defualt", "did you mean 'default'?"),
        ("clip-vit-base-patch32", "it is an encoder; use --encoder"),
    ])
    func `a name that is no reward model has a remedy`(name: String, remedy: String) throws {
        for command in ["score", "rank"] {
            let run = try CommandRun.ganrm([command, "a.mp4", "--model", name])
            #expect(run.status == 3)
            #expect(run.messages == "ganrm: there is no reward model '\(name)'; \(remedy)\n")
        }
    }

    @Test func `a misspelt command before a default one is taken for a file`() throws {
        let run = try CommandRun.ganrm(["study", "maek"])
        #expect(run.status == 3)
        #expect(
            run.messages.hasSuffix(
                "ganrm: 'maek' is no command of ganrm study either; did you mean 'make'?\n"))
    }

    @Test(arguments: [
        (["score", "a.mp4", "--format", "tabel"], "; did you mean 'table'? Please provide one of"),
        (
            ["score", "a.mp4", "--precision", "bf61"],
            "; did you mean 'bf16'? Please provide one of"
        ),
        (
            ["eval", "--benchmark", "hpdv3", "x"],
            "; did you mean 'hpdv2'? Please provide one of"
        ),
        (["pairs", "x/", "--export", "videopdo", "out/"], "; did you mean 'videodpo'?"),
        (["select", "x/", "--export", "finetrainer", "out/"], "; did you mean 'finetrainers'?"),
    ])
    func `a misspelt value suggests a value`(words: [String], text: String) throws {
        let run = try CommandRun.ganrm(words)
        #expect(run.status == 2)
        #expect(run.messages.contains(text), "\(run.messages)")
    }

    @Test(arguments: [
        ["models", "path", "clip-vit-bas-patch32"],
        ["bench", "--encoder", "clip-vit-bas-patch32", "--random-weights"],
    ])
    func `a misspelt encoder suggests encoders`(words: [String]) throws {
        let run = try CommandRun.ganrm(words)
        #expect(run.status == 3)
        #expect(run.messages.contains("did you mean 'clip-vit-base-patch32'"), "\(run.messages)")
    }
}
