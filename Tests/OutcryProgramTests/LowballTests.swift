import Glibc
import Testing

extension ProgramTests {
    /// The README's bot, at the address that stands in it.
    @Suite(.serialized) struct LowballTests {
        /// Whether nobody listens on port 8080, where the bot looks for its exchange.
        static let isPortFree: Bool = {
            let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(file) }
            var yes: Int32 = 1
            _ = unsafe setsockopt(
                file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(8080).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            return unsafe withUnsafeBytes(of: &address) { bytes in
                guard let start = bytes.baseAddress else { return false }
                return unsafe bind(
                    file, start.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(bytes.count)) == 0
            }
        }()

        @Test(.enabled(if: isPortFree, "port 8080 is taken: the bot would find another exchange"))
        func tradesAndEndsWithStatus0() throws {
            let sandbox = try Child("outcry", ["sandbox", "--speed", "600"])
            try sandbox.line(with: "^C ends it.")
            let bot = try Child("lowball", [])
            try bot.errorLine(with: " traded ")
            bot.send(SIGINT)
            let end = try bot.end()
            #expect(end.status == 0, "\(end.errors)")
            sandbox.send(SIGINT)
            #expect(try sandbox.end().status == 0)
        }
    }
}
