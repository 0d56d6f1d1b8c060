using System.Diagnostics;
using System.Globalization;

namespace Bitcoin.Functional.Support;

/// <summary>A program as a process, with its output gathered.</summary>
internal sealed class Host : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];

    /// <param name="program">The program.</param>
    /// <param name="mark">The mark by which the processes of a test are found.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="home">The user's home directory; null for that of the tests.</param>
    internal Host(string program, string mark, IEnumerable<string> args, string? home = null)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[ProcessMark.Variable] = mark;
        if (home is not null)
        {
            start.Environment["HOME"] = home;
        }

        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        Name = Path.GetFileName(program);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(_lines, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Name { get; }

    internal int Id => _process.Id;

    /// <summary>What it is to end with; null for anything, because it is killed.</summary>
    internal int? ExpectedCode { get; set; } = 0;

    /// <summary>Whether it may have written to its error output.</summary>
    internal bool MayComplain { get; set; }

    internal string Output => Text(_lines);

    internal string Errors => Text(_errors);

    internal bool HasExited => _process.HasExited;

    internal string WaitForLine(string text)
    {
        string? found = null;
        SpinWait.SpinUntil(() => (found = Find(text)) is not null || _process.HasExited, Patience);
        found ??= Find(text);
        Assert.That(found, Is.Not.Null, $"{Name}: no line with '{text}' in:\n{Output}\n{Errors}");
        return found!;
    }

    internal int WaitForExit()
    {
        if (!_process.WaitForExit(Patience))
        {
            // Inside a scope of several assertions the failure does not end the method.
            _process.Kill();
            Assert.Fail($"{Name} did not end:\n{Output}\n{Errors}");
        }

        // Without a bound, but the process is gone: waits for the rest of its output only.
        _process.WaitForExit();
        return _process.ExitCode;
    }

    internal void Signal(string signal) => Send(signal, Id);

    internal void Kill()
    {
        ExpectedCode = null;
        Signal("KILL");
        WaitForExit();
    }

    /// <summary>Signals all processes of the group that a process leads, as a terminal does.</summary>
    internal static void SendToGroup(string signal, int leader)
    {
        // The shell's own kill: that of some systems takes a negative number for "everybody".
        string stat = File.ReadAllText($"/proc/{leader.ToString(CultureInfo.InvariantCulture)}/stat");
        Assert.That(leader, Is.GreaterThan(1));
        Assert.That(
            stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2],
            Is.EqualTo(leader.ToString(CultureInfo.InvariantCulture)),
            "it leads no group");
        using Process shell = Process.Start(
            "/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -s {signal} -- -{leader}")]);
        Assert.That(shell.WaitForExit(Patience), Is.True);
        Assert.That(shell.ExitCode, Is.Zero);
    }

    internal static void Send(string signal, int process)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(process, 2);
        using Process kill = Process.Start("kill", ["-" + signal, process.ToString(CultureInfo.InvariantCulture)]);
        Assert.That(kill.WaitForExit(Patience), Is.True);
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
