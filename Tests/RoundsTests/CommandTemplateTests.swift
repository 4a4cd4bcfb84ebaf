import Testing

import Rounds

@Suite struct CommandTemplateTests {
    private let values: [Placeholder: String] = [.output: "/a b/it's", .seed: "7"]

    @Test func `a list of arguments is filled without a shell`() {
        let template = CommandTemplate.arguments(["run", "--out={output}", "{seed}{seed}", "{x y}"])
        #expect(template.filled(values) == ["run", "--out=/a b/it's", "77", "{x y}"])
    }

    @Test func `a line for a shell gets each value as one word`() {
        let template = CommandTemplate.shell("run {output} > {seed}.log")
        #expect(template.filled(values) == ["/bin/sh", "-c", #"run '/a b/it'\''s' > 7.log"#])
    }

    @Test(arguments: [
        ("{{output}}", "{output}"), ("{{seed}", "{7"), ("{seed}}", "7}"), ("{}", "{}"),
        ("${{seed}}", "${seed}"),
    ])
    func `doubled braces stand for themselves`(text: String, filled: String) {
        #expect(CommandTemplate.arguments([text]).filled(values) == [filled])
    }

    @Test func `a word in braces that is no placeholder is told`() {
        let names = CommandTemplate.shell("{output} {colour} {{other}}").names
        #expect(names.known == [.output])
        #expect(names.unknown == ["colour"])
    }
}
