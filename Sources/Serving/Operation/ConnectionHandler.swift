import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection after an answer that announces it, and asks for the body of a request that waits to be asked.
///
/// Without it, a connection stays open whose client has sent a further request, which nobody reads.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a client may read the answer while it is still sending: closing at once may discard the answer.
    private static let lingering = TimeAmount.seconds(2)

    private var closes = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data),
            head.headerFields[.expect]?.lowercased() == "100-continue"
        {
            let part = HTTPResponsePart.head(HTTPResponse(status: .continue))
            context.writeAndFlush(wrapOutboundOut(part), promise: nil)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): closes = head.headerFields[.connection]?.lowercased() == "close"
        case .end where closes:
            let channel = context.channel
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.whenComplete { _ in
                channel.close(mode: .output, promise: nil)
                channel.eventLoop.scheduleTask(in: Self.lingering) {
                    channel.close(promise: nil)
                }
            }
            context.writeAndFlush(data, promise: written)
            return
        case .body, .end: break
        }
        context.write(data, promise: promise)
    }
}
