using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;

namespace Multiprocess.Generator.Tests.Harness;

/// <summary>Runs the generator over sources, as a build would, against the real runtime.</summary>
internal static class GeneratorRun
{
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Preview, DocumentationMode.Diagnose);

    /// <summary>The framework, the runtime and the MessagePack package.</summary>
    public static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(
                path => Path.GetFileName(path).StartsWith(
                    "System.",
                    StringComparison.Ordinal) || Path.GetFileName(path) is "netstandard.dll" or "mscorlib.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(IpcInterfaceAttribute).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(IpcTestPair).Assembly.Location),
        MetadataReference.CreateFromFile(
            typeof(global::Multiprocess.CapnProto.CapnpInterfaceAttribute).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(MessagePackReader).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(MessagePackObjectAttribute).Assembly.Location),
    ];

    /// <summary>A compilation of the sources, with no implicit usings.</summary>
    public static CSharpCompilation Compile(params string[] sources) => Compile(NullableContextOptions.Enable, sources);

    public static CSharpCompilation Compile(NullableContextOptions nullable, params string[] sources)
        => CSharpCompilation.Create(
            "Demo",
            sources.Select((source, i) => CSharpSyntaxTree.ParseText(source, ParseOptions, $"Source{i}.cs")),
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: nullable, warningLevel: 9999));

    /// <summary>
    /// The sources as another project would see them: an assembly, or a reference assembly, which has no private
    /// members of classes.
    /// </summary>
    public static MetadataReference CompileLibrary(bool isReferenceAssembly, params string[] sources)
    {
        var library = Compile(sources).WithAssemblyName("Library");
        return isReferenceAssembly ? CompileReferenceAssembly(library) : Reference(library, new EmitOptions());
    }

    /// <summary>
    /// What a project refers to that does not want the code: no method has a body, and no class its private members.
    /// </summary>
    public static MetadataReference CompileReferenceAssembly(Compilation library)
        => Reference(library, new EmitOptions(metadataOnly: true, includePrivateMembers: false));

    private static MetadataReference Reference(Compilation library, EmitOptions options)
    {
        using var binary = new MemoryStream();
        var result = library.Emit(binary, options: options);
        Assert.That(
            result.Success,
            () => string.Join(
                "\n", result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return MetadataReference.CreateFromImage(binary.ToArray());
    }

    public static GeneratorDriver Driver()
        => CSharpGeneratorDriver.Create(
            [new IpcGenerator().AsSourceGenerator()],
            parseOptions: ParseOptions,
            driverOptions: new GeneratorDriverOptions(
                IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What the generator emits for the sources, by hint name.</summary>
    public static ImmutableArray<GeneratedSourceResult> Generate(Compilation compilation)
        => Driver().RunGenerators(compilation).GetRunResult().Results.Single() is { Exception: null } result
            ? result.GeneratedSources
            : throw new AssertionException("The generator threw.");

    /// <summary>Runs the generator and fails on any error, and on any warning in what it emitted.</summary>
    public static ImmutableArray<GeneratedSourceResult> GenerateAndCompile(params string[] sources)
        => GenerateAndCompile(Compile(sources));

    public static ImmutableArray<GeneratedSourceResult> GenerateAndCompile(Compilation compilation)
    {
        CompileWithoutWarnings(compilation, out var generated);
        return generated;
    }

    /// <summary>The assembly of the sources with what is generated for them.</summary>
    public static byte[] CompileWithoutWarnings(Compilation compilation) => CompileWithoutWarnings(compilation, out _);

    private static byte[] CompileWithoutWarnings(
        Compilation compilation, out ImmutableArray<GeneratedSourceResult> generated)
    {
        var emitted = Generate(compilation);
        var output = compilation.AddSyntaxTrees(emitted.Select(Tree));
        using var binary = new MemoryStream();
        var complaints = output.Emit(binary).Diagnostics
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error
                || (diagnostic.Severity == DiagnosticSeverity.Warning && emitted.Any(
                    source => source.HintName == diagnostic.Location.SourceTree?.FilePath)))
            .Select(diagnostic => diagnostic.ToString())
            .ToList();
        Assert.That(complaints, Is.Empty, () => string.Join("\n\n", emitted
            .Where(
                source => complaints.Any(complaint => complaint.StartsWith(source.HintName, StringComparison.Ordinal)))
            .Select(source => source.SourceText.ToString())));
        generated = emitted;
        return binary.ToArray();
    }

    /// <summary>What the generator emits, to be compiled with its sources.</summary>
    public static IEnumerable<SyntaxTree> GenerateTrees(Compilation compilation) => Generate(compilation).Select(Tree);

    /// <summary>
    /// Compiles the sources with what is generated for them, and loads the assembly: a peer of another version.
    /// </summary>
    public static System.Reflection.Assembly Load(params string[] sources)
    {
        var compilation = Compile(sources);
        var output = compilation
            .WithAssemblyName("Peer" + Guid.NewGuid().ToString("N"))
            .AddSyntaxTrees(GenerateTrees(compilation));
        using var binary = new MemoryStream();
        var result = output.Emit(binary);
        Assert.That(
            result.Success,
            () => string.Join(
                "\n", result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return System.Reflection.Assembly.Load(binary.ToArray());
    }

    /// <summary>What the analyzer reports.</summary>
    public static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(Compilation compilation)
        => compilation.WithAnalyzers([new IpcAnalyzer()], new AnalyzerOptions([])).GetAnalyzerDiagnosticsAsync();

    /// <summary>The directory of this project's sources, where snapshots are kept.</summary>
    public static string ProjectDirectory { get; } = Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(ThisFile())!, ".."));

    private static SyntaxTree Tree(GeneratedSourceResult source)
        => CSharpSyntaxTree.ParseText(source.SourceText, ParseOptions, source.HintName);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
