// SwiftNIO fan-out server: text on /pub goes to every connection on /sub.  usage: nio-server [--coalesce] PORT
// --coalesce: frames are written as they are read and flushed once per read cycle (channelReadComplete)
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

final class Hub {  // one event loop: no lock needed
    var subs: [ObjectIdentifier: Channel] = [:]
}
let hub = Hub()
let coalesce = CommandLine.arguments.contains("--coalesce")

final class SubHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    func handlerAdded(context: ChannelHandlerContext) {
        hub.subs[ObjectIdentifier(context.channel)] = context.channel
    }
    func handlerRemoved(context: ChannelHandlerContext) {
        hub.subs[ObjectIdentifier(context.channel)] = nil
    }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if unwrapInboundIn(data).opcode == .connectionClose { context.close(promise: nil) }
    }
    func errorCaught(context: ChannelHandlerContext, error: Error) { context.close(promise: nil) }
}
final class PubHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let f = unwrapInboundIn(data)
        if f.opcode == .connectionClose { context.close(promise: nil); return }
        guard f.opcode == .text else { return }
        let out = WebSocketFrame(fin: true, opcode: .text, data: f.unmaskedData)
        if coalesce {
            for c in hub.subs.values { c.write(out, promise: nil) }
        } else {
            for c in hub.subs.values { c.writeAndFlush(out, promise: nil) }
        }
    }
    func channelReadComplete(context: ChannelHandlerContext) {
        if coalesce { for c in hub.subs.values { c.flush() } }
        context.fireChannelReadComplete()
    }
    func errorCaught(context: ChannelHandlerContext, error: Error) { context.close(promise: nil) }
}

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let server = try ServerBootstrap(group: group)
    .serverChannelOption(ChannelOptions.backlog, value: 1024)
    .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { channel in
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, head in
                channel.pipeline.addHandler(
                    head.uri == "/sub" ? SubHandler() as ChannelHandler : PubHandler())
            })
        return channel.pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }
    .bind(host: "127.0.0.1", port: Int(CommandLine.arguments.last!)!).wait()
print("READY")
fflushStdout()
try server.closeFuture.wait()
