using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet.Storage;

/// <summary>The records of a wallet as lines of text, in the form of Bitcoin Core's bitcoin-wallet.</summary>
/// <remarks>
/// A line that names the form and its version, one that names the format of the wallet's file, a line for each record
/// (key and value in hexadecimal digits, with a comma between them), and a checksum over all lines before it: twice
/// SHA-256.
/// </remarks>
internal static class DumpFile
{
    private static readonly string s_magic =
        Currency.Names.Client.ToUpperInvariant().Replace(' ', '_') + "_WALLET_DUMP";
    private const uint Version = 1;
    private const string Format = "format";
    private const string SQLite = "sqlite";
    private const string Checksum = "checksum";
    private const int ChecksumDigits = 64;

    /// <summary>Writes the records, and sees to it that they are on the disk.</summary>
    internal static void Write(FileStream file, IEnumerable<(byte[] Key, byte[] Value)> records)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using StreamWriter writer = new(file, leaveOpen: true) { NewLine = "\n" };
        Line($"{s_magic},{Version}");
        Line($"{Format},{SQLite}");
        foreach ((byte[] key, byte[] value) in records)
        {
            Line($"{Convert.ToHexStringLower(key)},{Convert.ToHexStringLower(value)}");
        }

        writer.WriteLine($"{Checksum},{Sum(hash)}");
        writer.Flush();
        file.Flush(flushToDisk: true);

        void Line(string line)
        {
            writer.WriteLine(line);
            Add(hash, line);
        }
    }

    /// <summary>Reads the lines before the records.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="hash">The sum over the lines so far; the caller disposes it.</param>
    /// <exception cref="CommandException">The file has another form.</exception>
    internal static void ReadHead(TextReader reader, out IncrementalHash hash)
    {
        (string magic, string version, string first) = Split(reader.ReadLine() ?? "");
        if (magic != s_magic)
        {
            throw new CommandException(
                $"Error: Dumpfile identifier record is incorrect. Got \"{magic}\", expected \"{s_magic}\".");
        }

        if (!uint.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            throw new CommandException($"Error: Unable to parse version {version} as a uint32_t");
        }

        if (number != Version)
        {
            throw new CommandException(
                $"Error: Dumpfile version is not supported. This version of {Currency.Names.Program("wallet")} only supports version 1 "
                    + $"dumpfiles. Got dumpfile with version {version}");
        }

        (string name, string format, string second) = Split(reader.ReadLine() ?? "");
        if (name != Format)
        {
            throw new CommandException(
                $"Error: Dumpfile format record is incorrect. Got \"{name}\", expected \"{Format}\".");
        }

        if (format is not (SQLite or "bdb"))
        {
            throw new CommandException(
                $"Unknown wallet file format \"{format}\" provided. Expected \"{SQLite}\" or \"bdb\".");
        }

        hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, first);
        Add(hash, second);
    }

    /// <summary>Reads the records, to the end, and checks the sum.</summary>
    /// <exception cref="CommandException">A line is none of a record, or the sum is another one.</exception>
    internal static IEnumerable<(byte[] Key, byte[] Value)> ReadRecords(TextReader reader, IncrementalHash hash)
    {
        while (reader.ReadLine() is { } line)
        {
            (string key, string value, _) = Split(line);
            if (key == Checksum)
            {
                Check(value, Sum(hash));
                yield break;
            }

            Add(hash, line);
            yield return (Bytes(key, "key"), Bytes(value, "value"));
        }

        throw new CommandException("Error: Missing checksum");
    }

    private static void Check(string given, string computed)
    {
        if (given.Length != ChecksumDigits || !given.All(char.IsAsciiHexDigit))
        {
            throw new CommandException("Error: Checksum is not the correct size");
        }

        if (!given.Equals(computed, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException(
                $"Error: Dumpfile checksum does not match. Computed {computed}, expected {given}");
        }
    }

    private static (string Key, string Value, string Line) Split(string line)
    {
        int comma = line.IndexOf(',', StringComparison.Ordinal);
        return comma < 0 ? (line, "", line) : (line[..comma], line[(comma + 1)..], line);
    }

    private static byte[] Bytes(string digits, string what)
    {
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new CommandException($"Error: Got {what} that was not hex: {digits}");
    }

    private static void Add(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));

    private static string Sum(IncrementalHash hash)
        => Convert.ToHexStringLower(SHA256.HashData(hash.GetHashAndReset()));
}
