using System.Buffers.Binary;
using Dash.Hashes;

namespace Dash.Tests;

/// <summary>X11 and its eleven functions, against published hashes.</summary>
public class HashTests
{
    /// <summary>What all networks' first blocks share: version, no parent, merkle root.</summary>
    private const string Start =
        "01000000" + "0000000000000000000000000000000000000000000000000000000000000000"
        + "c762a6567f3cc092f0684bb62b7e00a84890b990f07cc71a6bb58d64b98e02e0";

    private delegate byte[] HashFunction(ReadOnlySpan<byte> message);

    private static HashFunction Function(string name) => name switch
    {
        "blake" => Blake512.Hash,
        "bmw" => BlueMidnightWish512.Hash,
        "groestl" => Groestl512.Hash,
        "skein" => X11.Skein512,
        "jh" => Jh512.Hash,
        "keccak" => X11.Keccak512,
        "luffa" => Luffa512.Hash,
        "cubehash" => CubeHash512.Hash,
        "shavite" => Shavite512.Hash,
        "simd" => Simd512.Hash,
        _ => Echo512.Hash,
    };

    [TestCase("blake")]
    [TestCase("bmw")]
    [TestCase("groestl")]
    [TestCase("skein")]
    [TestCase("jh")]
    [TestCase("keccak")]
    [TestCase("luffa")]
    [TestCase("cubehash")]
    [TestCase("shavite")]
    [TestCase("simd")]
    [TestCase("echo")]
    public void The_hashes_of_short_messages_are_the_published_ones(string name)
    {
        (byte[] Message, string Hash)[] known = [.. ShortMessages.Of(name)];

        Assert.That(known, Has.Length.EqualTo(14));
        Assert.Multiple(() =>
        {
            foreach ((byte[] message, string hash) in known)
            {
                Assert.That(
                    Convert.ToHexStringLower(Function(name)(message)), Is.EqualTo(hash),
                    $"{message.Length} bytes");
            }
        });
    }

    [TestCase(
        1390095618u, 0x1e0ffff0u, 28917698u,
        "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6")]
    [TestCase(
        1390666206u, 0x1e0ffff0u, 3861367235u,
        "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c")]
    [TestCase(
        1417713337u, 0x207fffffu, 1096447u,
        "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e")]
    public void The_first_blocks_have_their_hashes(uint time, uint bits, uint nonce, string hash)
    {
        byte[] made = X11.Hash(Header(time, bits, nonce));

        Assert.That(Convert.ToHexStringLower([.. made.Reverse()]), Is.EqualTo(hash));
    }

    [Test]
    public void Many_threads_hash_at_once()
    {
        byte[] header = Header(1390095618, 0x1e0ffff0, 28917698);
        byte[] expected = X11.Hash(header);

        byte[][] made = [.. Enumerable.Range(0, 64).AsParallel().Select(_ => X11.Hash(header))];

        Assert.That(made, Is.All.EqualTo(expected));
    }

    private static byte[] Header(uint time, uint bits, uint nonce)
    {
        byte[] header = new byte[80];
        Convert.FromHexString(Start).CopyTo(header, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(68), time);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(72), bits);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(76), nonce);
        return header;
    }
}
