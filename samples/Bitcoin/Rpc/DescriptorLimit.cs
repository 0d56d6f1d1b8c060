using System.Globalization;

namespace Bitcoin.Rpc;

/// <summary>The number of files and sockets that this process may have open.</summary>
public static class DescriptorLimit
{
    /// <summary>Descriptors that are kept for files, pipes and everything else.</summary>
    private const int Reserved = 256;

    private const string Limits = "/proc/self/limits";
    private const string Row = "Max open files";

    /// <summary>
    /// The maximum number of connections of each of two servers in this process: half of what is not reserved. Null if
    /// the system does not report the limit.
    /// </summary>
    public static int? ForOneOfTwoServers() => Read() is { } limit ? Math.Max(0, (limit - Reserved) / 2) : null;

    /// <summary>The limit; null if the system does not report it.</summary>
    internal static int? Read()
    {
        try
        {
            string? row = File.Exists(Limits)
                ? File.ReadLines(Limits).FirstOrDefault(static line => line.StartsWith(Row, StringComparison.Ordinal))
                : null;
            string? soft = row?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
