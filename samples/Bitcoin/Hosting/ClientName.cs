using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>
/// The name in those errors and files that the original program's own tests, and users' tools, compare word for word.
/// These programs are not part of that program; elsewhere they use names of their own.
/// </summary>
public static class ClientName
{
    /// <summary>The name.</summary>
    public static string Text => Currency.Names.Client;

    /// <summary>The release of these programs.</summary>
    public const string Release = "0.1.0-multiprocess";

    /// <summary>
    /// The text of -version. Its first line ends with the program's name; wrappers identify programs by it.
    /// </summary>
    /// <param name="kind">The kind of program: "daemon", "RPC client".</param>
    /// <param name="program">The program's name.</param>
    public static string Version(string kind, string program)
    {
        return
            $"{Text} {kind} version v{Release} {program}\nA sample, which is no part of {Text} and not for use with money.";
    }
}
