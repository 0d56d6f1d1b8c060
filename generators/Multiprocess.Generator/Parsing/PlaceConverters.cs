namespace Multiprocess.Generator.Parsing;

/// <summary>
/// The converters that one parameter, result or member names, for its own type or for the types of its elements.
/// </summary>
internal sealed class PlaceConverters
{
    private readonly List<Converter> _all = [];
    private readonly HashSet<Converter> _used = [];

    public IReadOnlyList<Converter> All => _all;

    public IEnumerable<Converter> Unused => _all.Where(own => !_used.Contains(own));

    public void Add(Converter converter) => _all.Add(converter);

    public void Use(Converter converter) => _used.Add(converter);
}
