import Glibc
import OutcryKernel

/// Where a user's programs find each other: a folder that is closed to other users, with a socket for each kernel that
/// can be looked at, named by its process, and the notes of sandboxes. `$XDG_RUNTIME_DIR/outcry`, or `/tmp/outcry-USER` where that is not set or not one's own.
package enum SessionFolder {
    /// The place for one's own.
    package static var own: String { places[0] }

    /// The places to look in, one's own first.
    static var places: [String] {
        var places: [String] = []
        if let runtime = ProcessEnvironment.value(of: "XDG_RUNTIME_DIR"), runtime.hasPrefix("/"),
            isOwn(runtime)
        {
            places.append(runtime + "/outcry")
        }
        places.append("/tmp/outcry-\(geteuid())")
        return places
    }

    /// Makes the folder, if need be.
    ///
    /// - Throws: When somebody else could reach into it.
    static func make() throws(SystemError) -> String {
        let path = own
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw SystemError(last: "mkdir \(path)")
        }
        guard isOwn(path) else { throw SystemError(call: "folder \(path)", errno: EPERM) }
        return path
    }

    /// Whether `path` is a folder of this user's, closed to all others. A link to one is not.
    static func isOwn(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    /// The sockets in a folder: the process and the name of each.
    static func sockets(in folder: String) -> [(process: Int32, name: String)] {
        guard isOwn(folder), let list = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(list) }
        var found: [(process: Int32, name: String)] = []
        // More than anybody has; a folder that is full of something else is not worth the time.
        while found.count < 1024, let entry = unsafe readdir(list) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let first = name.split(separator: "-").first, let process = Int32(first),
                process > 0
            else { continue }
            found.append((process, name))
        }
        return found.sorted { ($0.process, $0.name) < ($1.process, $1.name) }
    }

    /// Removes the sockets of processes that are no more.
    static func sweep(_ folder: String) {
        for (process, name) in sockets(in: folder)
        where kill(process, 0) != 0 && errno == ESRCH {
            _ = unsafe unlink("\(folder)/\(name)")
        }
    }
}
