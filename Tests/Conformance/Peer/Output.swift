import Glibc
import Outcry

/// The standard output and error output; what reads them through a pipe waits for each line.
enum Output {
    static func line(_ text: String) {
        print(text)
        fflush(nil)
    }

    static func error(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    }

    /// The words of a server that listens: the port is told where any was asked for.
    static func ready(_ address: SocketAddress, asked port: UInt16) {
        line(port == 0 ? "READY \(address.port)" : "READY")
    }

    static func leave(_ code: Int32) -> Never { exit(code) }
}

/// Files, read whole.
enum PeerFile {
    static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = unsafe fopen(path, "r") else {
            throw PeerError("cannot open \(path): errno \(errno)")
        }
        defer { unsafe fclose(file) }
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&part, 1, part.count, file)
            guard count > 0 else { return all }
            all.append(contentsOf: part[..<count])
        }
    }
}
