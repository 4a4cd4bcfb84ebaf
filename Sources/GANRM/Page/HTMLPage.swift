import Crypto
import Foundation
import JSON

/// An HTML file that asks the network for nothing and runs no script but its own, whatever stands in its
/// data: a policy in it tells browsers the digests of the only style sheet and script.
///
/// Source: Content Security Policy Level 3, W3C, sections 2.3.1 and 8.3.
struct HTMLPage {
    let title: String
    /// Between the tags of the style sheet.
    var style: String
    /// Run at the end, in strict mode; empty: the page has no script.
    var script = ""
    /// For the script, which finds it as the text of `#data`.
    var data: JSONValue?
    /// Where pictures and videos may come from, as `data:`.
    var mediaSources: String
    let body: String

    /// A page that shows pictures and videos (`player.css`, `player.js`), with what is its own besides.
    static func playing(
        title: String, style: [UInt8], script: [UInt8], data: JSONValue, body: String
    ) -> HTMLPage {
        HTMLPage(
            title: title,
            style: PageStyle.text + text(PackageResources.player_css) + text(style),
            script: text(PackageResources.player_js) + text(script), data: data,
            mediaSources: PagePlace.mediaSources, body: body)
    }

    var text: String {
        var policy = [
            "default-src 'none'", "base-uri 'none'", "form-action 'none'",
            "style-src \(Self.source(of: style))", "img-src \(mediaSources)",
            "media-src \(mediaSources)",
        ]
        if !script.isEmpty { policy.append("script-src \(Self.source(of: script))") }
        // "<" could end the element or begin a comment; in JSON it stands in strings only.
        let data = data.map {
            """
            <script type="application/json" id="data">\
            \($0.description.replacing("<", with: "\\u003c"))</script>

            """
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy.joined(separator: "; "))">
            <title>\(title.escapedForHTML)</title>
            <style>\(style)</style>
            </head>
            <body>
            \(body)
            \(data ?? "")\(script.isEmpty ? "" : "<script>\(script)</script>\n")</body>
            </html>
            """
    }

    private static func source(of text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }

    /// A file of the folder Web, which the build puts into the program.
    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
