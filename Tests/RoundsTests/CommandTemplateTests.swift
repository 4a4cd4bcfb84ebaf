import Rounds
import Testing

@Suite struct CommandTemplateTests {
    private let values: [Placeholder: String] = [.output: "/a b/it's", .seed: "7"]

    @Test func `a list of arguments is filled in without a shell`() {
        let template = CommandTemplate.arguments(["run", "--out={output}", "{seed}{seed}", "{x y}"])
        #expect(template.filled(values) == ["run", "--out=/a b/it's", "77", "{x y}"])
    }

    @Test func `values in a shell command are quoted as single words`() {
        let template = CommandTemplate.shell("run {output} > {seed}.log")
        #expect(template.filled(values) == ["/bin/sh", "-c", #"run '/a b/it'\''s' > 7.log"#])
    }

    @Test(arguments: [
        ("{{output}}", "{output}"), ("{{seed}", "{7"), ("{seed}}", "7}"), ("{}", "{}"),
        ("${{seed}}", "${seed}"),
    ])
    func `doubled braces are literal braces`(text: String, filled: String) {
        #expect(CommandTemplate.arguments([text]).filled(values) == [filled])
    }

    @Test func `unknown placeholders are reported`() {
        let names = CommandTemplate.shell("{output} {colour} {{other}}").names
        #expect(names.known == [.output])
        #expect(names.unknown == ["colour"])
    }
}
