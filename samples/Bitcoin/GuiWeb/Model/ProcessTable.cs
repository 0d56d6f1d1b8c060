using System.Globalization;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A process of the program, as the system sees it.</summary>
/// <param name="Id">The system's number.</param>
/// <param name="Parent">Its parent's number.</param>
/// <param name="Program">The program's name.</param>
/// <param name="Memory">The resident memory, in bytes.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Sockets">The number of open sockets.</param>
/// <param name="Sandbox">The sandbox of the process, in English: a key of the texts.</param>
internal sealed record ProcessLine(
    int Id, int Parent, string Program, long Memory, int Threads, int Sockets, string Sandbox);

/// <summary>
/// The processes that belong to a node, read from /proc: the node, its children, this program, and other programs from
/// the same folder.
/// </summary>
internal static class ProcessTable
{
    private const string Unknown = "not known";

    /// <summary>Lists the processes, parents before children. Empty without /proc.</summary>
    /// <param name="folder">The folder of the programs.</param>
    internal static List<ProcessLine> Read(string folder)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return [];
        }

        List<ProcessLine> all = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Read(id, folder) is { } line)
            {
                all.Add(line);
            }
        }

        return InOrder(all);
    }

    /// <summary>Reads a process; null if it is another program, or has ended.</summary>
    internal static ProcessLine? Read(int id, string folder)
    {
        try
        {
            string? program = new FileInfo($"/proc/{id}/exe").LinkTarget;
            if (program is null || Path.GetDirectoryName(program) != Path.TrimEndingDirectorySeparator(folder))
            {
                return null;
            }

            Dictionary<string, string> status = File.ReadLines($"/proc/{id}/status")
                .Select(static line => line.Split(':', 2))
                .Where(static pair => pair.Length == 2)
                .ToDictionary(static pair => pair[0], static pair => pair[1].Trim());
            return new ProcessLine(
                id,
                (int)Whole(status, "PPid"),
                Path.GetFileName(program),
                Whole(status, "VmRSS") * 1024,
                (int)Whole(status, "Threads"),
                Directory.EnumerateFileSystemEntries($"/proc/{id}/fd")
                    .Count(static file
                        => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) ?? false),
                Sandbox(status));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return null;
        }
    }

    private static string Sandbox(Dictionary<string, string> status) => status.GetValueOrDefault("Seccomp") switch
    {
        "0" => status.GetValueOrDefault("NoNewPrivs") == "1" ? "no new privileges" : "none",
        "1" or "2" => "system calls filtered",
        _ => Unknown,
    };

    private static long Whole(Dictionary<string, string> status, string name)
        => long.TryParse(
            status.GetValueOrDefault(name)?.Split(' ')[0],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out long number)
            ? number
            : 0;

    private static List<ProcessLine> InOrder(List<ProcessLine> all)
    {
        List<ProcessLine> ordered = [];
        HashSet<int> known = [.. all.Select(static line => line.Id)];
        foreach (ProcessLine first in all.Where(line => !known.Contains(line.Parent)).OrderBy(static line => line.Id))
        {
            Add(first);
        }

        return ordered;

        void Add(ProcessLine line)
        {
            ordered.Add(line);
            foreach (ProcessLine child in all.Where(other => other.Parent == line.Id).OrderBy(static child => child.Id))
            {
                Add(child);
            }
        }
    }
}
