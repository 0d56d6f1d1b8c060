using System.Diagnostics;

namespace Multiprocess.Integration.Tests;

/// <summary>The stress program as a process of its own.</summary>
internal static class StressProgram
{
    /// <summary>How long a run may take beyond what it was asked for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "multiprocess-stress");

    public static Process Start(params string[] arguments)
        => Process.Start(new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs to the end and returns the exit code and all that was written.</summary>
    public static async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        using Process process = Start(arguments);
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
            throw new TimeoutException($"multiprocess-stress {string.Join(' ', arguments)} did not end in time.");
        }

        return (process.ExitCode, await output + await errors);
    }
}
