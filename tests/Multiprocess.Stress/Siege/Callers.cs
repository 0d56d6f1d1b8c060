using System.Diagnostics;
using System.Text;

namespace Multiprocess.Stress.Siege;

/// <summary>The stress program as a client in a process of its own, and what it prints.</summary>
internal sealed class Callers : IDisposable
{
    // Calls that do not end, and state that does not come to rest, are each found and printed after a minute.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _refusal;

    public Callers(IpcAddress address, int threads, int seconds, int seed)
    {
        _refusal = $"FAILED, seed {seed}: {nameof(Multiprocess)}.{nameof(IpcException)}";
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Environment.ProcessPath!,
                [
                    "--connect", address.ToString(), "--seconds", $"{seconds}", "--threads", $"{threads}", "--seed",
                    $"{seed}"
                ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            }
        };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Waits for their end. That calls are refused with a typed error is no failure here.</summary>
    public void MustEnd()
    {
        if (!_process.WaitForExit(s_patience))
        {
            throw new StressFailure($"The callers did not end. {Output()}");
        }

        // The end of the output can come after the end of the process.
        _process.WaitForExit();
        string output = Output();
        if (_process.ExitCode != 0 && !output.Contains(_refusal, StringComparison.Ordinal))
        {
            throw new StressFailure($"The callers ended with {_process.ExitCode}. {output}");
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }
}
