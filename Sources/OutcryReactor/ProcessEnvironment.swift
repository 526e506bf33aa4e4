import Glibc

/// The environment of this process.
public enum ProcessEnvironment {
    /// The values of some variables that are set; text that is not UTF-8 is repaired.
    public static func values(of names: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in names { values[name] = value(of: name) }
        return values
    }

    /// The value of a variable; nil where it is not set.
    public static func value(of name: String) -> String? {
        // Sound: the bytes are copied before anybody can change the variable.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}
