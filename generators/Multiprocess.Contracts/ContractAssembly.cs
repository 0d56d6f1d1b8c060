using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Contracts.Tool.Layout;
using Multiprocess.Generator;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Contracts.Tool;

/// <summary>The contracts of a compiled assembly, as the generator's own parser sees them.</summary>
internal sealed class ContractAssembly
{
    private readonly Dictionary<string, ContractModel> _contracts = [];
    private readonly Dictionary<string, ShapeModel> _shapes = [];
    private readonly Dictionary<string, Block> _blocks = [];
    private readonly HashSet<string> _flags = [];

    private ContractAssembly(string name, bool asksForCapnp)
    {
        Name = name;
        AsksForCapnp = asksForCapnp;
    }

    public string Name { get; }

    /// <summary>Whether its contracts have proxies and stubs for Cap'n Proto, which rely on ids and threads.</summary>
    public bool AsksForCapnp { get; }

    /// <summary>The blocks of its baseline.</summary>
    public IReadOnlyCollection<Block> Blocks => _blocks.Values;

    /// <summary>
    /// The contracts by their full names: its own, delegates and closed generic ones that it uses, and those of other
    /// assemblies.
    /// </summary>
    public IReadOnlyDictionary<string, ContractModel> Contracts => _contracts;

    /// <summary>The user's types that cross by value, by their full names.</summary>
    public IReadOnlyDictionary<string, ShapeModel> Shapes => _shapes;

    /// <summary>Whether an enum's values are combined.</summary>
    public bool IsFlags(string type) => _flags.Contains(type);

    /// <summary>
    /// Where the values of an assembly's contracts for Cap'n Proto are: see <see cref="LayoutText"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">It has no such contracts, or one that is refused.</exception>
    public static IEnumerable<string> ReadLayout(string path, IEnumerable<string>? references, string? baseline)
        => Load(path, references, (assembly, compilation) => LayoutText.Of(
            assembly, TypesOf(assembly.GlobalNamespace), CapnpDerived.Of(compilation, assembly, baseline)));

    /// <summary>Reads an assembly.</summary>
    /// <param name="path">The file of the assembly.</param>
    /// <param name="references">
    /// The assemblies that it references; null for those in its directory, and the framework that runs this tool.
    /// </param>
    /// <exception cref="InvalidDataException">It has no contracts, or a type that they use was not found.</exception>
    public static ContractAssembly Read(string path, IEnumerable<string>? references) => Load(path, references, Read);

    private static T Load<T>(
        string path, IEnumerable<string>? references, Func<IAssemblySymbol, Compilation, T> read)
    {
        string file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"The assembly '{file}' does not exist; build it first.");
        }

        references ??= Directory.GetFiles(Path.GetDirectoryName(file)!, "*.dll")
            .Concat(((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator));
        var paths = references.Where(File.Exists).Select(Path.GetFullPath).Where(reference => reference != file)
            .GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).Select(group => group.First());
        var main = MetadataReference.CreateFromFile(file);
        var compilation = CSharpCompilation.Create(
            "contracts",
            references: [main, .. paths.Select(reference => MetadataReference.CreateFromFile(reference))],
            options: new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
                .WithMetadataImportOptions(MetadataImportOptions.Internal));
        return compilation.GetAssemblyOrModuleSymbol(main) is IAssemblySymbol assembly
            ? read(assembly, compilation)
            : throw new InvalidDataException($"'{file}' is not a .NET assembly.");
    }

    /// <summary>Reads an assembly that a compilation references, or the compilation's own assembly.</summary>
    public static ContractAssembly Read(IAssemblySymbol assembly, Compilation compilation)
    {
        var contracts = new ContractAssembly(assembly.Name, CapnpDerived.Asks(assembly));
        foreach (var type in Marked(assembly))
        {
            contracts.Add(type, compilation, isOwn: true);
        }

        foreach (var attribute in ClosedContracts.NamedBy(assembly))
        {
            if (ClosedContracts.Parse(
                attribute, assembly, compilation, out var scope, out _, CancellationToken.None) is { } model
                && scope is not null)
            {
                contracts.Add(model, scope, isOwn: true);
            }
        }

        if (contracts._blocks.Count == 0)
        {
            throw new InvalidDataException(
                $"'{assembly.Name}' has no contracts: no interface in it is marked [IpcInterface].");
        }

        foreach (var type in compilation.SourceModule.ReferencedAssemblySymbols
            .Where(
                other
                    => other.Modules.Any(
                        module => module.ReferencedAssemblies.Any(reference => reference.Name == "Multiprocess"))
                        && !SymbolEqualityComparer.Default.Equals(other, assembly))
            .SelectMany(Marked))
        {
            contracts.Add(type, compilation, isOwn: false);
        }

        return contracts;
    }

    private static IEnumerable<INamedTypeSymbol> Marked(IAssemblySymbol assembly)
        => TypesOf(assembly.GlobalNamespace).Where(IpcAnalyzer.IsMarked);

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol space)
        => space.GetMembers().OfType<INamespaceOrTypeSymbol>()
            .SelectMany(member => member is INamedTypeSymbol type ? TypesOf(type).Prepend(type) : TypesOf(member));

    private void Add(INamedTypeSymbol type, Compilation compilation, bool isOwn)
    {
        var model = FileParser.Parse(type, compilation, out FileScope scope, CancellationToken.None);
        Add(model, scope, isOwn);
    }

    private void Add(FileModel model, FileScope scope, bool isOwn)
    {
        if (model.Errors.Count != 0 || scope.HasCompilerErrors)
        {
            if (isOwn)
            {
                throw new InvalidDataException(
                    $"The contract {model.Source} cannot be read: {(model.Errors.Count == 0 ? "a type that it uses was not found; name its references" : model.Errors[0].Message)}.");
            }

            return;
        }

        foreach (var contract in new[] { model.Contract }.Concat(model.References).OfType<ContractModel>())
        {
            _contracts.TryAdd(contract.WireName, contract);
        }

        foreach (var (name, shape) in scope.Shapes)
        {
            _shapes.TryAdd(name, shape);
            if (scope.ShapeTypes[name].HasAttribute("System.FlagsAttribute"))
            {
                _flags.Add(name);
            }
        }

        if (isOwn)
        {
            foreach (var block in Block.Of(model, scope.Shapes.Values))
            {
                _blocks.TryAdd(block.Name, block);
            }
        }
    }
}
