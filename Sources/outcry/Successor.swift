import Glibc

/// The program that this one becomes.
enum Successor {
    /// Puts a word into the environment that it will have.
    static func set(_ name: String, _ value: String) { _ = unsafe setenv(name, value, 1) }

    /// Puts a word there where there is none.
    static func suggest(_ name: String, _ value: String) { _ = unsafe setenv(name, value, 0) }

    /// Takes a word away.
    static func remove(_ name: String) { _ = unsafe unsetenv(name) }

    /// Becomes the program; returns only where it cannot.
    static func become(_ words: [String]) throws -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
        for word in words { unsafe pointers.append(strdup(word)) }
        unsafe pointers.append(nil)
        _ = unsafe execvp(words[0], pointers)
        let error = errno
        for place in unsafe pointers.indices { unsafe free(pointers[place]) }
        let why = unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
        throw CommandError("\(words[0]): \(why)")
    }
}
