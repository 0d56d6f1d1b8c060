using System.Globalization;

namespace Bitcoin.Rpc;

/// <summary>The number of files and sockets that this process may have open.</summary>
internal static class DescriptorLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Row = "Max open files";

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
