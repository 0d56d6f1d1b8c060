using System.Diagnostics;
using Bitcoin.Functional.Support;

namespace Bitcoin.Tests;

/// <summary>A host as a real process, with its output gathered.</summary>
internal sealed class HostProgram : IDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];

    private HostProgram(string program, string[] args)
    {
        ProcessStartInfo start = new(Path.Combine(Folder, program))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ProcessMark.Variable] = Mark;
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(_lines, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What tells the processes of a test, their children included, from all others.</summary>
    internal static string Mark { get; set; } = "";

    internal int Id => _process.Id;

    internal string Output => Text(_lines);

    internal string Errors => Text(_errors);

    private static string Folder { get; } = typeof(HostProgram).Assembly
        .GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), inherit: false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "HostFolder").Value!;

    internal static HostProgram Start(string program, params string[] args) => new(program, args);

    /// <summary>Runs a program to its end.</summary>
    internal static HostProgram Run(string program, params string[] args)
    {
        HostProgram host = new(program, args);
        host.WaitForExit();
        return host;
    }

    /// <summary>Waits for a line that contains a text, and gives it.</summary>
    internal string WaitForLine(string text)
    {
        string? found = null;
        bool came = SpinWait.SpinUntil(
            () => (found = Find(text)) is not null || _process.HasExited, NodeFixture.Patience);
        found ??= Find(text);
        Assert.That(came && found is not null, Is.True, $"no line with '{text}' in:\n{Output}\n{Errors}");
        return found!;
    }

    internal int WaitForExit()
    {
        if (!_process.WaitForExit(NodeFixture.Patience))
        {
            Assert.Fail($"{_process.StartInfo.FileName} did not end:\n{Output}\n{Errors}");
        }

        // Without a bound, but the process is gone: waits for the rest of its output only.
        _process.WaitForExit();
        return _process.ExitCode;
    }

    internal void Signal(string signal) => Send(signal, Id);

    internal static void Send(string signal, int process)
    {
        // Some kill commands take a negative number for everybody.
        ArgumentOutOfRangeException.ThrowIfLessThan(process, 2);
        using Process kill = Process.Start(
            "kill", ["-" + signal, process.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.That(kill.WaitForExit(NodeFixture.Patience), Is.True);
        Assert.That(kill.ExitCode, Is.Zero);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Add(List<string> lines, string? line)
    {
        if (line is not null)
        {
            lock (_gate)
            {
                lines.Add(line);
            }
        }
    }

    private string? Find(string text)
    {
        lock (_gate)
        {
            return _lines.Find(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    private string Text(List<string> lines)
    {
        lock (_gate)
        {
            return string.Join('\n', lines);
        }
    }
}
