using System.Diagnostics;

namespace Multiprocess.Integration.Tests;

/// <summary>The short form of the fuzzing program; <c>eng/fuzz</c> runs the long one.</summary>
[Platform("Linux")]
public sealed class FuzzTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [Test]
    public async Task Bad_input_leads_to_typed_errors_or_right_answers_only()
    {
        (int exitCode, string output) = await Run(null, "--seconds=12", "--seed=1");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match(@"[1-9][\d,]* bad inputs .* 0 hangs, 0 untyped errors, 0 leaks"));
    }

    [Test]
    public async Task Nothing_is_left_in_the_directory_for_temporary_files()
    {
        string temporary = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            (int exitCode, string output) = await Run(temporary, "--seconds=0.1", "--seed=1");

            Assert.That(exitCode, Is.Zero, output);
            Assert.That(Directory.GetFileSystemEntries(temporary, "mp*"), Is.Empty);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    [Test]
    public async Task What_was_found_before_is_not_found_again()
    {
        (int exitCode, string output) = await Run(null, $"--replay={Path.Combine(AppContext.BaseDirectory, "corpus")}");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match(@"[1-9]\d* recorded sessions replayed, 0 problems"));
    }

    [Test]
    public async Task A_recording_is_written_replayed_and_shown()
    {
        string folder = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            string file = Path.Combine(folder, "session.txt");

            (int recorded, string recording) = await Run(null, $"--record={file}");
            (int replayed, string replay) = await Run(null, $"--replay={folder}");
            (int shown, string text) = await Run(null, $"--show={file}");
            (int missing, string why) = await Run(null, $"--show={file}.missing");

            Assert.That((recorded, replayed, shown), Is.EqualTo((0, 0, 0)), recording + replay + text);
            Assert.That((missing, why.TrimEnd().Split('\n').Length), Is.EqualTo((2, 1)), why);
            Assert.That(replay, Does.Contain("1 recorded sessions replayed, 0 problems"));
            Assert.That(text.Split('\n'), Has.Length.EqualTo(File.ReadLines(file).Count() + 1));
            Assert.That(
                text,
                Does.Contain(
                    "> Call thread=1 request=1 target=1 method=0x146eda0e arguments=[1, 2]\n< Return thread=-1 "
                        + "request=1 results=[3]\n"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output)> Run(string? temporary, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "multiprocess-fuzz"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (temporary is not null)
        {
            start.Environment["TMPDIR"] = temporary;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var bound = new CancellationTokenSource(s_patience);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"multiprocess-fuzz {string.Join(' ', arguments)} did not end in time.");
        }

        return (process.ExitCode, await output + await errors);
    }
}
