namespace Bitcoin.Primitives;

/// <summary>A currency's words, and the names of its programs and files.</summary>
public sealed record CurrencyNames
{
    /// <summary>The currency.</summary>
    public required string Currency { get; init; }

    /// <summary>
    /// The original program. Its name stands in those errors and files that users' tools compare word for word.
    /// </summary>
    public required string Client { get; init; }

    /// <summary>How the names of all programs begin, in lower case; the configuration file's too.</summary>
    public required string Prefix { get; init; }

    /// <summary>The data directory in the user's home.</summary>
    public required string Directory { get; init; }

    /// <summary>The original program's data directory in the user's home, whose configuration file is read.</summary>
    public required string ClientDirectory { get; init; }

    /// <summary>The unit of amounts.</summary>
    public required string Unit { get; init; }

    /// <summary>The smallest unit: 1 / 100,000,000.</summary>
    public required string SmallestUnit { get; init; }

    /// <summary>The page's main colour, as CSS writes it; white text on it must be legible.</summary>
    public required string Colour { get; init; }

    /// <summary>The page's main colour on a dark ground; dark text on it must be legible.</summary>
    public required string ColourOnDark { get; init; }

    /// <summary>What is signed before a message, so that nobody signs a transaction with it.</summary>
    public required string SignedMessage { get; init; }

    /// <summary>The program that is a node and a wallet in one process.</summary>
    public string Daemon => Prefix + "d";

    /// <summary>The configuration file.</summary>
    public string ConfigFile => Prefix + ".conf";

    /// <summary>How payment requests begin, with the colon.</summary>
    public string Scheme => Prefix + ":";

    /// <summary>The program of a role: "node", "wallet", "index", "gui", "qt", "cli".</summary>
    public string Program(string role) => $"{Prefix}-{role}";
}
