/// How to get the weights of a model without this machine's network.
public struct ManualDownload: Sendable, Hashable {
    /// Name of the model in the catalogue.
    public let name: String
    /// URL of the file, or of the page that links to it.
    public let url: String
    /// Name of the file.
    public let file: String

    public init(name: String, url: String, file: String) {
        self.name = name
        self.url = url
        self.file = file
    }

    /// The remedy for error messages: what to fetch and the command to type.
    public var advice: String {
        "get \(url) on another machine, then run: ganrm models import \(name) \(file)"
    }
}
