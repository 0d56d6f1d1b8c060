using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Cap'n Proto for contracts without its attributes, in an assembly that asks for it: ids from names, and ordinals from
/// the baseline.
/// </summary>
/// <param name="compilation">The compilation that has the contracts.</param>
/// <param name="baseline">The blocks of the baseline; empty without one.</param>
/// <param name="leavesOut">Whether methods that Cap'n Proto cannot express are left out.</param>
internal sealed class CapnpDerived(
    Compilation compilation, IReadOnlyDictionary<string, Block> baseline, bool leavesOut)
{
    /// <summary>The interface with <c>construct</c>, which every such contract extends.</summary>
    public const ulong ThreadsId = 0xd9a3f1c27e5b8461;

    public Compilation Compilation => compilation;

    public bool LeavesOut => leavesOut;

    /// <summary>What an assembly asks for; null if it does not ask.</summary>
    /// <param name="compilation">The compilation that has the assembly or refers to it.</param>
    /// <param name="assembly">The assembly.</param>
    /// <param name="baseline">The text of its baseline; null without one.</param>
    public static CapnpDerived? Of(Compilation compilation, IAssemblySymbol assembly, string? baseline)
        => Asking(assembly) is { } attribute
            ? new(
                compilation,
                baseline is null ? [] : BaselineText.Read(baseline, out _),
                CapnpAttributes.Flag(attribute, "LeaveOut"))
            : null;

    public static bool Asks(IAssemblySymbol? assembly) => assembly is not null && Asking(assembly) is not null;

    /// <summary>Whether a type is a contract that gets derived code.</summary>
    public static bool Applies(ITypeSymbol type)
        => type is INamedTypeSymbol { TypeKind: TypeKind.Interface, IsGenericType: false } named
            && named.HasAttribute(WellKnownTypes.IpcInterface)
            && !named.HasAttribute(CapnpAttributes.Interface)
            && Asks(named.ContainingAssembly);

    /// <summary>The id of an interface or a delegate type.</summary>
    public static ulong IdOf(ITypeSymbol type)
        => IdOf(TypeNames.Wire(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)));

    /// <summary>The id of a contract, by its full name. Ids of Cap'n Proto have the highest bit.</summary>
    public static ulong IdOf(string wireName) => WireIds.Hash(wireName) | (1UL << 63);

    /// <summary>The ids of a contract's calls in the order of their ordinals.</summary>
    public List<uint> OrderOf(ContractModel contract)
    {
        Block block = Updated(Block.Of(contract));
        return
        [
            .. block.Lines.Select(line => uint.Parse(
                block.KeyOf(line),
                System.Globalization.NumberStyles.HexNumber,
                System.Globalization.CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>The names of a type's members or values in the order of their ordinals.</summary>
    public List<string> OrderOf(ShapeModel shape) => OrderOf(shape, member => member.Name);

    /// <summary>What stands for a type's members, values or cases, in the order of their ordinals.</summary>
    public List<string> OrderOf(ShapeModel shape, Func<ShapeMemberModel, string> selector)
    {
        var names = shape.Members.ToDictionary(member => member.BaselineLine, selector);
        return [.. Updated(Block.Of(shape)).Lines.Select(line => names[line])];
    }

    private static AttributeData? Asking(IAssemblySymbol assembly)
        => assembly.GetAttributes().FirstOrDefault(
            attribute => attribute.AttributeClass is { } type && WellKnownTypes.Is(type, CapnpAttributes.Contracts));

    private Block Updated(Block block) => BaselineText.Update(baseline, [block]).Single();
}
