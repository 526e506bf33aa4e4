import Glibc

/// The process's memory, from /proc/self/status.
enum Memory {
    /// Resident bytes now.
    static func resident() -> Int { field("VmRSS:") }

    /// The most that was ever resident.
    static func peak() -> Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        let file = unsafe open("/proc/self/status", O_RDONLY)
        guard file >= 0 else { return 0 }
        defer { _ = close(file) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        for line in buffer.prefix(max(0, count)).split(separator: 10)
        where line.starts(with: name.utf8) {
            let digits = line.filter { (48...57).contains($0) }
            return digits.reduce(0) { $0 * 10 + Int($1) - 48 } * 1024
        }
        return 0
    }
}
