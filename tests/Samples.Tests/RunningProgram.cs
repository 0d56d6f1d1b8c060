using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samples.Tests;

/// <summary>A program that a test started; killed when the test ends before it does.</summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private RunningProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static RunningProgram Start(string program, string workingDirectory, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        return new RunningProgram(process);
    }

    public int Id => _process.Id;

    /// <summary>The next line that the program prints; null when it has ended.</summary>
    public async Task<string?> ReadLine() => await _process.StandardOutput.ReadLineAsync().WaitAsync(s_bound);

    /// <summary>Waits for the program's end and returns the lines that were not read yet.</summary>
    public async Task<string[]> ReadToEnd()
    {
        string text = await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_bound);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<(int Code, string Errors)> WaitForExit()
    {
        await _process.WaitForExitAsync().WaitAsync(s_bound);
        return (_process.ExitCode, await _errors.WaitAsync(s_bound));
    }

    public void Signal(PosixSignal signal)
    {
        int number = signal == PosixSignal.SIGTERM ? 15 : 2;
        Assert.That(SendSignal(_process.Id, number), Is.Zero, "The program has ended already.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
