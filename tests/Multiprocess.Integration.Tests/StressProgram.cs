using System.Diagnostics;

namespace Multiprocess.Integration.Tests;

/// <summary>The stress program as a process of its own.</summary>
internal static class StressProgram
{
    /// <summary>How long a run may take beyond what it was asked for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A heap that fits below a limit on addresses.
    private const long SmallHeapBytes = 256L * 1024 * 1024;

    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "multiprocess-stress");

    public static Process Start(params string[] arguments)
        => Process.Start(
            new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs to the end and returns the exit code and all that was written.</summary>
    public static Task<(int ExitCode, string Output)> Run(params string[] arguments)
        => RunAs([Path, .. arguments], heapBytes: arguments.Contains("deaf") ? 4L << 30 : SmallHeapBytes);

    /// <summary>As <see cref="Run"/>, by other programs, which limit it.</summary>
    public static async Task<(int ExitCode, string Output)> RunAs(string[] command, long heapBytes = SmallHeapBytes)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A home that another user may enter.
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{heapBytes:X}";
        start.Environment["HOME"] = System.IO.Path.GetTempPath();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var bound = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{string.Join(' ', command)} did not end in time.");
        }

        return (process.ExitCode, await output + await errors);
    }
}
