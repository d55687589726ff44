// SPDX-License-Identifier: Apache-2.0
// One bill, exactly once. node client.js GATE MAILBOX SERVER.key PARTY.key_secret OUTBOX BILL; docs/clients/README.md.
//
// What matters: the envelope is on disk before it is sent, the same bytes go out until a receipt comes, an outcome is on disk before it
// is confirmed. So the program may be killed anywhere and run again.
'use strict';
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');
const zmq = require('zeromq');
const protobuf = require('protobufjs');

const schema = new protobuf.Root();
schema.resolvePath = (origin, target) => target.startsWith('google/')
  ? path.join(path.dirname(require.resolve('protobufjs/package.json')), target)
  : path.join(process.env.HUTONG_PROTO || path.join(__dirname, '../../proto'), target);
schema.loadSync(['hutong/v1/gate.proto', 'hutong/v1/envelope.proto', 'hutong/v1/outcome.proto']);
const message = name => schema.lookupType('hutong.v1.' + name);
const [GateRequest, GateReply, Receipt, Envelope, Outcome] =
  ['GateRequest', 'GateReply', 'Receipt', 'Envelope', 'Outcome'].map(message);
const encode = (type, value) => Buffer.from(type.encode(type.create(value)).finish());

// On disk, whole or not at all.
function keep(file, data) {
  const part = fs.openSync(file + '.part', 'w');
  fs.writeSync(part, data);
  fs.fsyncSync(part);
  fs.closeSync(part);
  fs.renameSync(file + '.part', file);
  const directory = fs.openSync(path.dirname(file), 'r');
  fs.fsyncSync(directory);
  fs.closeSync(directory);
}

// What stands in quotes behind a name.
const keyFile = file => Object.fromEntries(
  [...fs.readFileSync(file, 'utf8').matchAll(/^\s*([\w-]+) = "(.*)"$/gm)].map(each => [each[1], each[2]]));
const sleep = ms => new Promise(wake => setTimeout(wake, ms));
function fail(what) {
  console.error(what);
  process.exit(1);
}

class Connection {
  constructor(endpoint, server, own) {
    this.socket = new zmq.Dealer({
      linger: 0, heartbeatInterval: 2000, curveServerKey: server['public-key'],
      curvePublicKey: own['public-key'], curveSecretKey: own['secret-key'],
    });
    this.socket.connect(endpoint);
    this.number = 0; // of the last request; 0 itself is never used
  }

  // The next reply; null after so much silence.
  async receive(ms) {
    this.socket.receiveTimeout = ms;
    try {
      return GateReply.decode((await this.socket.receive())[0]);
    } catch (error) {
      if (error.code === 'EAGAIN') return null;
      throw error;
    }
  }

  // The answer to a request; silence is no answer, so the same bytes go out again.
  async ask(body, quietMs = 1000) {
    const request = ++this.number;
    const frame = encode(GateRequest, { version: 1, request, ...body });
    for (;;) {
      await this.socket.send(frame);
      for (let until = Date.now() + quietMs; Date.now() < until;) {
        const reply = await this.receive(until - Date.now());
        if (reply === null) break;
        if (Number(reply.request) === 0) // the request could not be read: it never will be
          fail(`refused: ${reply.refusal.code} ${reply.refusal.path}`);
        if (Number(reply.request) !== request) continue; // late, of an earlier sending
        if (!reply.refusal) return reply;
        if (!reply.refusal.retryHelps) fail(`refused: ${reply.refusal.code} ${reply.refusal.en}`);
        await sleep(100); // not ready: again
        break;
      }
    }
  }
}

function newBill(sender, billId) {
  return encode(Envelope, {
    version: 1, sender, messageId: crypto.randomUUID(), sentAtMs: Date.now(), personId: '110101198001011013',
    billSettle: {
      billId, institution: 'H12010199001', insuredArea: '110000', insuranceType: '310', careKind: '21',
      admissionDate: 20250301, dischargeDate: 20250310, diagnosis: 'J18.900', credential: '01', totalFen: 2000000,
      items: [{ code: 'XN01AB00000000000000005', level: '01', unitPriceMicro: 20000000000, quantityE4: 10000, amountFen: 2000000 }],
    },
  });
}

// Its position, once there is a receipt.
async function send(gate, envelope) {
  for (;;) {
    const receipt = Receipt.decode((await gate.ask({ submit: { envelopes: [envelope] } })).receipts.receipts[0]);
    if (receipt.kind === 1) return receipt.position; // ACCEPTED
    if (receipt.kind !== 4) // BUSY
      fail(`not accepted: ${receipt.refusal.code} ${receipt.refusal.path} ${receipt.refusal.en}`);
    await sleep(receipt.retryAfterMs);
  }
}

// Fetches what is new, keeps it, and only then says so.
async function readMailbox(mailbox, outbox) {
  const place = path.join(outbox, 'next');
  const fetch = { countMax: 100, waitMs: 2000 };
  const start = fs.existsSync(place) ? Number(fs.readFileSync(place)) : 0;
  if (start > 0) fetch.from = start; // a zero that is set would be written, and is not canonical
  const page = (await mailbox.ask({ fetch }, 4000)).mailboxPage;
  let next = Number(page.first);
  for (const outcome of page.outcomes) {
    keep(path.join(outbox, Outcome.decode(outcome).messageId + '.outcome'), outcome);
    keep(place, String(++next));
  }
  if (page.outcomes.length > 0) await mailbox.ask({ confirm: { through: next } });
}

async function main(gate, mailbox, serverFile, ownFile, outbox, billId) {
  const server = keyFile(serverFile), own = keyFile(ownFile);
  fs.mkdirSync(outbox, { recursive: true });
  const file = path.join(outbox, billId + '.envelope');
  if (!fs.existsSync(file)) keep(file, newBill(own.party, billId));
  const envelope = fs.readFileSync(file);
  const position = await send(new Connection(gate, server, own), envelope);
  const answer = path.join(outbox, Envelope.decode(envelope).messageId + '.outcome');
  const box = new Connection(mailbox, server, own);
  while (!fs.existsSync(answer)) await readMailbox(box, outbox);
  const outcome = Outcome.decode(fs.readFileSync(answer));
  const kind = schema.lookupEnum('hutong.v1.OutcomeKind').valuesById[outcome.kind].replace('OUTCOME_KIND_', '');
  const amounts = outcome.amounts || { fundPayTotalFen: 0, personPayTotalFen: 0 };
  console.log(`${kind} ${position} funds ${amounts.fundPayTotalFen} person ${amounts.personPayTotalFen}`);
  process.exit(0);
}

main(...process.argv.slice(2));
