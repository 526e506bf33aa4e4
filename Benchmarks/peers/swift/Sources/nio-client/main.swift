// SwiftNIO WebSocket client, as NIO's own examples write it, + Foundation JSON.
// usage: nio-client [--serialization] URL COUNT [ttt]
import FeedKit
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import NIOWebSocket

var args = Array(CommandLine.arguments.dropFirst())
let serialization = args.first == "--serialization"
let framesOnly = args.first == "--frames"  // counts messages, no JSON (for the floor table)
if serialization || framesOnly { args.removeFirst() }
let url = URL(string: args[0])!
let count = Int(args[1])!
let ttt = args.count > 2
let feed = Feed(track: ttt, serialization: serialization)

final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart
    func channelActive(context: ChannelHandlerContext) {
        var h = HTTPHeaders()
        h.add(name: "Host", value: "\(url.host!):\(url.port!)")
        context.write(
            wrapOutboundOut(
                .head(
                    .init(
                        version: .http1_1, method: .GET, uri: url.path.isEmpty ? "/" : url.path,
                        headers: h))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    func errorCaught(context: ChannelHandlerContext, error: Error) {
        FileHandle.standardError.write(Data("upgrade failed: \(error)\n".utf8))
        context.close(promise: nil)
    }
}

final class FeedHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame
    func errorCaught(context: ChannelHandlerContext, error: Error) {
        FileHandle.standardError.write(Data("frame error: \(error)\n".utf8))
        context.close(promise: nil)
    }
    func send(_ context: ChannelHandlerContext, _ s: String) {
        let b = context.channel.allocator.buffer(string: s)
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: b)),
            promise: nil)
    }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            guard ttt || feed.messages < count else { return }
            if framesOnly {
                feed.messages += 1
                if feed.messages == count { send(context, "done"); context.close(promise: nil) }
                return
            }
            let n = frame.data.readableBytes
            let changed: Bool
            do {
                changed = try feed.apply(
                    frame.data.readData(length: n, byteTransferStrategy: .noCopy)!)
            } catch {
                return errorCaught(context: context, error: error)
            }
            if ttt {
                if changed { send(context, feed.order()) }
            } else if feed.messages == count {
                send(context, "done")
                context.close(promise: nil)
            }
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }
}

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let channel = try ClientBootstrap(group: group)
    .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
    .channelInitializer { channel in
        let request = RequestHandler()
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: 1 << 20, automaticErrorHandling: true
        ) { channel, _ in
            channel.pipeline.addHandler(FeedHandler())
        }
        return channel.pipeline.addHTTPClientHandlers(
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.removeHandler(request, promise: nil) }
            )
        ).flatMap { channel.pipeline.addHandler(request) }
    }
    .connect(host: url.host!, port: url.port!).wait()
try channel.closeFuture.wait()
feed.printResult()
