using System.Globalization;
using System.Text;

namespace Bitcoin.Functional.Support;

/// <summary>
/// Finds the processes of a test, children and their children included, by a variable that all of them inherit.
/// </summary>
internal static class ProcessMark
{
    internal const string Variable = "BITCOIN_FUNCTIONAL_TEST";

    internal static List<int> Living(string mark)
    {
        byte[] wanted = Encoding.UTF8.GetBytes($"{Variable}={mark}");
        return [.. Numbers().Where(process => Read($"/proc/{process}/environ").AsSpan().IndexOf(wanted) >= 0)];
    }

    /// <summary>Processes that ended and were not reaped by one of these.</summary>
    internal static List<string> Zombies(IReadOnlyCollection<int> parents)
    {
        List<string> zombies = [];
        foreach (int process in Numbers())
        {
            string stat = Encoding.UTF8.GetString(Read($"/proc/{process}/stat"));
            int end = stat.LastIndexOf(')');
            string[] fields = end < 0 ? [] : stat[(end + 2)..].Split(' ');
            if (fields.Length > 1
                && fields[0] == "Z"
                && parents.Contains(int.Parse(fields[1], CultureInfo.InvariantCulture)))
            {
                zombies.Add(stat[..(end + 1)]);
            }
        }

        return zombies;
    }

    internal static string CommandLine(int process)
        => Encoding.UTF8.GetString(Read($"/proc/{process}/cmdline")).Replace('\0', ' ').Trim();

    private static IEnumerable<int> Numbers()
    {
        return Directory
            .EnumerateDirectories("/proc")
            .Select(
                static path => int.TryParse(
                    Path.GetFileName(path), CultureInfo.InvariantCulture, out int number) ? number : 0)
            .Where(static number => number > 0);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return [];
        }
    }
}
