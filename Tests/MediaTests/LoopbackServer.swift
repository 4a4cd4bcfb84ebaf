import Foundation
import Glibc

/// A web server on this machine that answers every request with the same bytes, then closes or, if
/// asked to, falls silent.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32

    /// - Parameter silent: Never answers.
    init(answer: [UInt8], silent: Bool = false) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        Thread.detachNewThread {
            // Here, not where the server is given up: there its number could already be another
            // test's server when this thread accepts again.
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                var request = [UInt8](repeating: 0, count: 4096)
                _ = recv(client, &request, request.count, 0)
                if silent { continue }
                var sent = 0
                while sent < answer.count {
                    let step = answer[sent...].withUnsafeBytes {
                        send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    if step <= 0 { break }
                    sent += step
                }
                close(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    func url(_ name: String) -> String {
        "http://127.0.0.1:\(port)/\(name)"
    }

    /// An answer with a body, which may be shorter than it says.
    static func answer(_ body: [UInt8], length: Int? = nil, status: String = "200 OK") -> [UInt8] {
        Array("HTTP/1.0 \(status)\r\nContent-Length: \(length ?? body.count)\r\n\r\n".utf8) + body
    }
}
