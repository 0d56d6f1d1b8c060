namespace Bitcoin.Hosting;

/// <summary>
/// The name that stands in errors and files which Bitcoin Core's own tests, and tools that people have for it, compare
/// word for word. These programs are no part of Bitcoin Core; where nobody compares, they have names of their own.
/// </summary>
public static class ClientName
{
    /// <summary>The name.</summary>
    public const string Text = "Bitcoin Core";

    /// <summary>
    /// The text of -version: its first line ends with the program's name, by which wrappers tell programs apart.
    /// </summary>
    /// <param name="kind">What the program is: "daemon", "RPC client".</param>
    /// <param name="program">The program's name.</param>
    public static string Version(string kind, string program)
    {
        return $"{Text} {kind} version v0.1.0-multiprocess {program}\nA sample, which is no part of {Text} and not for use with money.";
    }
}
