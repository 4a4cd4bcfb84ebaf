import Foundation
import ModelCatalogue

/// Endpoint and credentials of a model hub.
package struct HubSettings: Sendable {
    /// URL without a trailing slash.
    package var endpoint: String
    package var token: String?
    /// Seconds before the first retry; doubled for each further one.
    package var retryDelay = 1.0
    /// Seconds after which a transfer without progress is given up.
    package var stallSeconds = 30

    package init(
        endpoint: String, token: String? = nil, retryDelay: Double = 1, stallSeconds: Int = 30
    ) {
        self.endpoint = endpoint
        self.token = token
        self.retryDelay = retryDelay
        self.stallSeconds = stallSeconds
    }

    /// Settings from `HF_ENDPOINT` and `HF_TOKEN`, as in huggingface_hub.
    package init(environment: [String: String]) {
        let endpoint = environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
        var url = endpoint ?? "https://huggingface.co"
        while url.hasSuffix("/") { url.removeLast() }
        let token = environment["HF_TOKEN"]?.trimmingCharacters(in: .whitespacesAndNewlines)
        self.init(endpoint: url, token: token?.isEmpty == false ? token : nil)
    }

    /// The URL of a file: `{endpoint}/{repository}/resolve/{revision}/{file}`.
    ///
    /// - Throws: `CatalogueError.badURL`.
    func url(
        repository: String, file: String, revision: String
    ) throws(CatalogueError) -> String {
        var segment = CharacterSet.urlPathAllowed
        segment.remove(charactersIn: "/")
        guard endpoint.hasPrefix("http://") || endpoint.hasPrefix("https://"),
            let repository = repository.addingPercentEncoding(
                withAllowedCharacters: .urlPathAllowed),
            let revision = revision.addingPercentEncoding(withAllowedCharacters: segment),
            let file = file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
        else { throw .badURL(text: endpoint) }
        return "\(endpoint)/\(repository)/resolve/\(revision)/\(file)"
    }
}
