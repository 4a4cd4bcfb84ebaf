import Crypto
import Foundation
import TextFormats

/// An HTML file that makes no network requests and runs no script but its own, even if its data
/// holds markup: its Content Security Policy allows only the style sheet and script with the given
/// digests.
///
/// Source: Content Security Policy Level 3, W3C, sections 2.3.1 and 8.3.
struct HTMLPage {
    let title: String
    /// The content of the `style` element.
    var style: String
    /// The script, which runs at the end of the body; if empty, the page has none.
    var script = ""
    /// Data for the script, which reads it from the element `#data`.
    var data: JSONValue?
    /// Allowed sources of images and videos, as in a Content Security Policy: `data:`.
    var mediaSources: String
    let body: String

    /// A page with media players: `player.css` and `player.js` come before its own style and
    /// script.
    static func playing(
        title: String, style: [UInt8], script: [UInt8], data: JSONValue, body: String
    ) -> HTMLPage {
        HTMLPage(
            title: title,
            style: PageStyle.text + text(PackageResources.player_css) + text(style),
            script: text(PackageResources.player_js) + text(script), data: data,
            mediaSources: PageLocation.mediaSources, body: body)
    }

    var text: String {
        var policy = [
            "default-src 'none'", "base-uri 'none'", "form-action 'none'",
            "style-src \(Self.source(of: style))", "img-src \(mediaSources)",
            "media-src \(mediaSources)",
        ]
        if !script.isEmpty { policy.append("script-src \(Self.source(of: script))") }
        // "<" could close the element or open a comment. In JSON it occurs only inside strings.
        let data = data.map {
            """
            <script type="application/json" id="data">\
            \($0.description.replacing(scalar: "<", with: "\\u003c"))</script>

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

    /// The policy's source expression for an inline element: the digest of its text.
    private static func source(of text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }

    /// Decodes a file of the folder `Web`, which the build embeds as bytes.
    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
