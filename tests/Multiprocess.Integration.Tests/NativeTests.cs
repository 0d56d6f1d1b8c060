using System.Diagnostics;

namespace Multiprocess.Integration.Tests;

/// <summary>
/// The program with every shape of contract, published as native code: the short form of eng/aot. It plays both roles,
/// and each with an ordinary build.
/// </summary>
public sealed class NativeTests
{
    // Half a minute on two cores; eng/test ends a test that says nothing for five minutes.
    private static readonly TimeSpan s_toPublish = TimeSpan.FromMinutes(4.5);
    private static readonly TimeSpan s_toPlay = TimeSpan.FromMinutes(2);

    private string _folder = null!;

    private static string Built => Path.Combine(AppContext.BaseDirectory, "multiprocess-scenarios");

    private string Native => Path.Combine(_folder, "multiprocess-scenarios");

    [OneTimeSetUp]
    public async Task Publish()
    {
        _folder = Directory.CreateTempSubdirectory("native-").FullName;
        if (!HasLinker())
        {
            Assert.Ignore("gcc is not here, which links native programs (Debian: gcc and libc6-dev).");
        }

        var (code, output, errors) = await RunAsync(
            "dotnet", s_toPublish,
            "publish", Path.Combine(Repository(), "tests", "Multiprocess.Scenarios"), "-p:PublishedAs=native",
            "-p:RunAnalyzers=false",
            "--configuration", Configuration, "--verbosity", "quiet", "--output", _folder);
        if (code != 0 && LacksCompiler(output))
        {
            Assert.Ignore("The package of the native compiler cannot be had here: " + output.Split('\n')[0]);
        }

        Assert.That(code, Is.Zero, output + errors);
        Assert.That(output, Does.Not.Contain("warning"));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Native_parent_and_native_child_do_what_an_ordinary_build_does()
    {
        var built = await RunAsync(Built, s_toPlay, "play", Built);
        var native = await RunAsync(Native, s_toPlay, "play", Native);

        Assert.That(native.Code, Is.Zero, native.Errors);
        Assert.That(built.Output, Does.Contain("ListCoins").And.Contain("Vector3"));
        Assert.That(native.Output.Split('\n'), Is.EqualTo(built.Output.Split('\n')));
    }

    [Test]
    public async Task Native_child_serves_an_ordinary_parent()
    {
        var (code, _, errors) = await RunAsync(Built, s_toPlay, "play", Native);

        Assert.That(code, Is.Zero, errors);
    }

    [Test]
    public async Task Native_parent_calls_an_ordinary_child()
    {
        var (code, _, errors) = await RunAsync(Native, s_toPlay, "play", Built);

        Assert.That(code, Is.Zero, errors);
    }

    // bin/<configuration>/net10.0/ below the project.
    private static string Configuration
        => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static string Repository()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
        {
            root = Path.GetDirectoryName(root);
        }

        return root ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    private static bool HasLinker()
        => OperatingSystem.IsLinux()
            && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(
                folder => File.Exists(Path.Combine(folder, "gcc")));

    /// <summary>
    /// Whether the restore failed because a feed, or no feed, has the packages that the SDK wants for native code.
    /// </summary>
    private static bool LacksCompiler(string output)
        => new[] { "NU1101", "NU1102", "NU1301" }.Any(id => output.Contains(id, StringComparison.Ordinal))
            && new[] { "ilcompiler", "nativeaot", "illink" }.Any(
                name => output.Contains(name, StringComparison.OrdinalIgnoreCase));

    private static async Task<(int Code, string Output, string Errors)> RunAsync(
        string program, TimeSpan bound, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // A build that leaves processes behind keeps the output of whoever waits for it open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(bound);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }
}
