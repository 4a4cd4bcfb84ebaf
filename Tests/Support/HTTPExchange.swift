public import Foundation
public import TextFormats

/// A connection to a server on this machine, for requests that no well-behaved client makes.
public final class HTTPConnection {
    private let descriptor: Int32

    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
        var limit = timeval(tv_sec: Int(BackgroundProcess.timeoutSeconds), tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    public func send(_ bytes: Data) {
        bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            var rest: Slice<UnsafeRawBufferPointer> = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.send(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    Int32(MSG_NOSIGNAL))
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// What the server sends until it closes the connection.
    public func readAll() -> Data {
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return data }
            data.append(contentsOf: buffer[..<count])
        }
    }
}

/// The answer to a request.
public struct HTTPAnswer: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: Data

    public var text: String { String(decoding: body, as: UTF8.self) }

    public func json() throws -> JSONValue { try JSONValue(parsing: text) }

    /// Lines of JSON.
    public func lines() throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: $0) }
    }

    public init?(_ data: Data) {
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: data[..<end.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let words = head[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        self.status = status
        headers = [:]
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            // Lines of one name as the list that they mean, each on a line.
            headers[parts[0].lowercased(), default: ""] +=
                (headers[parts[0].lowercased()] == nil ? "" : "\n") + value
        }
        body = data[end.upperBound...]
    }

    /// Sends a request and waits for its answer.
    public init(
        _ method: String, _ path: String, port: Int, body: Data = Data(),
        headers: [String: String] = [:]
    ) throws {
        let connection = try HTTPConnection(port: port)
        connection.send(
            Self.head(
                method, path, headers: ["Content-Length": "\(body.count)"].merging(headers) { $1 }))
        connection.send(body)
        guard let answer = HTTPAnswer(connection.readAll()) else { throw POSIXError(.EBADMSG) }
        self = answer
    }

    public static func head(_ method: String, _ path: String, headers: [String: String]) -> Data {
        let lines =
            ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"]
            + headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
