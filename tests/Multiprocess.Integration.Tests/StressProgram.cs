using System.Diagnostics;

namespace Multiprocess.Integration.Tests;

/// <summary>The stress program as a process of its own.</summary>
internal static class StressProgram
{
    /// <summary>How long a run may take beyond what it was asked for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "multiprocess-stress");

    public static Process Start(params string[] arguments)
        => Process.Start(
            new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs to the end and returns the exit code and all that was written.</summary>
    public static Task<(int ExitCode, string Output)> Run(params string[] arguments)
        => Run(new ProcessStartInfo(Path, arguments));

    /// <summary>As the other, by other programs, which limit it.</summary>
    public static Task<(int ExitCode, string Output)> RunAs(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]);

        // A heap that fits below a limit on addresses, and a home that another user may enter.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        start.Environment["HOME"] = System.IO.Path.GetTempPath();
        return Run(start);
    }

    private static async Task<(int ExitCode, string Output)> Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
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
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end in time.");
        }

        return (process.ExitCode, await output + await errors);
    }
}
