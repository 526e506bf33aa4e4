import Glibc

/// A program built beside this one, which goes on in its place.
///
/// The sandbox is in a program of its own: in this one it would add 320 KB of code and 280 KB of data
/// that is relocated at the start, which the memory of `ingest` would count.
enum Sibling {
    /// Becomes the program; returns only where that is not there.
    static func run(_ name: String, _ words: [String]) -> Int32 {
        var path = [CChar](repeating: 0, count: 4096)
        let length = unsafe readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map(UInt8.init), as: UTF8.self)
        let there =
            own.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [name[...]]
        let program = there.joined(separator: "/")
        var arguments = unsafe ([program] + words).map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        _ = unsafe execv(program, &arguments)
        print("expected \(program); build it: swift build -c release --product \(name)")
        return 1
    }
}
