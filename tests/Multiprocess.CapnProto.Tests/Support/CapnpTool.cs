using System.Diagnostics;

namespace Multiprocess.CapnProto.Tests.Support;

/// <summary>The compiler of Cap'n Proto, which also converts messages.</summary>
internal static class CapnpTool
{
    private static readonly string? s_path = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "capnp")).FirstOrDefault(File.Exists);

    /// <summary>Skips the test where the compiler is not installed.</summary>
    public static void Require()
    {
        if (s_path is null)
        {
            Assert.Ignore("Debian's capnproto is not installed.");
        }
    }

    /// <summary>A file beside the tests.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Support", name);

    /// <summary>Runs the compiler, and gives what it writes.</summary>
    public static byte[] Run(ReadOnlyMemory<byte> input, params string[] arguments)
    {
        byte[] output = Run(input, arguments, out string complaints);
        Assert.That(complaints, Is.Empty, string.Join(' ', arguments));
        return output;
    }

    /// <summary>Runs the compiler, and gives what it writes, and what it complains of.</summary>
    public static byte[] Run(ReadOnlyMemory<byte> input, string[] arguments, out string complaints)
        => Run(s_path!, input, arguments, out complaints);

    /// <summary>
    /// Gives a request to the compiler's own generator of schemas, and gives the schema that it writes.
    /// </summary>
    public static string SchemaOf(ReadOnlyMemory<byte> request)
    {
        byte[] schema = Run(
            Path.Combine(Path.GetDirectoryName(s_path!)!, "capnpc-capnp"), request, [], out string complaints);
        Assert.That(complaints, Is.Empty);
        return System.Text.Encoding.UTF8.GetString(schema);
    }

    private static byte[] Run(
        string program, ReadOnlyMemory<byte> input, string[] arguments, out string complaints)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It warns where the shell's directory is not the process's.
        start.Environment.Remove("PWD");
        using var process = Process.Start(start)!;
        // Both ways at once: it may write before it has read everything.
        Task writing = Task.Run(() =>
        {
            using Stream stream = process.StandardInput.BaseStream;
            stream.Write(input.Span);
        });
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        bool hasEnded = process.WaitForExit(TimeSpan.FromSeconds(60));

        Assert.That(hasEnded, Is.True);
        complaints = errors.Result;
        Assert.That(process.ExitCode == 0 || complaints.Length > 0, Is.True, string.Join(' ', arguments));
        writing.Wait(TimeSpan.FromSeconds(10));
        return output.ToArray();
    }
}
